import type { ToolRule, ToolSettings } from '../config/tools';
import type { JsonObject } from '../frames/json';
import type { Identity } from './identity';

/** Whether a name fits a pattern, in which `*` stands for any characters. Takes linear time. */
export function fits(name: string, pattern: string): boolean {
  const [head, ...rest] = pattern.split('*');
  if (rest.length === 0) return name === pattern;
  const tail = rest.pop() ?? '';
  if (!name.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return name.length - tail.length >= at && name.endsWith(tail);
}

function hasClaim(
  claims: JsonObject,
  name: string,
  wanted: readonly string[],
): boolean {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return [value].flat().some(item => wanted.includes(String(item)));
}

function holdsBesidesScopes(rule: ToolRule, who: Identity): boolean {
  const byKey =
    rule.keys.length === 0 ||
    (who.keyId !== undefined && rule.keys.includes(who.keyId));
  return (
    byKey &&
    Object.entries(rule.claims).every(([name, wanted]) =>
      hasClaim(who.claims, name, wanted),
    )
  );
}

/** What somebody may do with a tool. */
export interface Verdict {
  readonly allowed: boolean;
  /** When not: scopes with which it would be, if there are such. */
  readonly missing?: readonly string[];
}

/** Who may call which tool. */
export class ToolPolicy {
  constructor(private readonly settings: ToolSettings) {}

  /** Whether everybody may call everything. */
  get open(): boolean {
    return (
      this.settings.default === 'allow' && this.settings.rules.length === 0
    );
  }

  judge(tool: string, who: Identity): Verdict {
    const rules = this.settings.rules.filter(({ tools }) =>
      tools.some(pattern => fits(tool, pattern)),
    );
    if (rules.length === 0)
      return { allowed: this.settings.default === 'allow' };
    const near = rules.filter(rule => holdsBesidesScopes(rule, who));
    const lacks = ({ scopes }: ToolRule) =>
      scopes.filter(scope => !who.scopes.has(scope));
    if (near.some(rule => lacks(rule).length === 0)) return { allowed: true };
    return { allowed: false, missing: near.at(0)?.scopes };
  }
}
