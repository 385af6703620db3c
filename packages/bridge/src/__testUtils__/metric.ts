import { send } from './client';

/** One value of `/metrics`; 0 when it is not there yet. */
export async function metric(adminPort: number, name: string): Promise<number> {
  const { text } = await send(adminPort, { method: 'GET', path: '/metrics' });
  const line = text.split('\n').find(item => item.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}
