const SENTINEL = /^=\?base64\?(.*)\?=$/s;
const BASE64 =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The value of a header that may be wrapped as `=?base64?…?=`; nothing when what is wrapped is not valid. */
export function decodeSentinel(header: string): string | undefined {
  const value = header.trim();
  const wrapped = SENTINEL.exec(value)?.[1];
  if (wrapped === undefined) return value;
  if (!BASE64.test(wrapped)) return undefined;
  try {
    const bytes = Buffer.from(wrapped, 'base64');
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The value of a header, wrapped when a header could not carry it as it is. */
export function encodeSentinel(value: string): string {
  const isPlain =
    /^[!-~](?:[ -~]*[!-~])?$/.test(value) && !SENTINEL.test(value);
  if (isPlain || value === '') return value;
  return `=?base64?${Buffer.from(value).toString('base64')}?=`;
}
