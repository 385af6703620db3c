import type { Person } from '../people.ts';

const style = `
  :root { color-scheme: light dark; --line: #d5dde3; --soft: #5a6b78; --card: #fff; --page: #f2f5f7; --accent: #0b6aa8 }
  @media (prefers-color-scheme: dark) { :root { --line: #33434f; --soft: #9fb0bc; --card: #17242e; --page: #0e1820; --accent: #7fd4ff } }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--page); font: 16px/1.45 system-ui, sans-serif }
  main { width: min(24rem, calc(100vw - 2rem)) }
  h1 { font-size: 1.5rem; margin: 0 0 .25rem }
  p { margin: 0 0 1.25rem; color: var(--soft) }
  form { margin: 0 0 .6rem }
  button { width: 100%; padding: .8rem 1rem; text-align: left; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 10px; cursor: pointer }
  button:hover, button:focus-visible { border-color: var(--accent); outline: 2px solid var(--accent); outline-offset: -1px }
  strong { display: block }
  small { color: var(--soft) }
  footer { margin-top: 1.25rem; font-size: .8rem; color: var(--soft) }
`;

const escape = (text: string) =>
  text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`);

/** The page on which a person is chosen. `action` is where a choice is posted to, followed by the person's id. */
export function whoAreYouPage(
  people: readonly Person[],
  action: string,
): string {
  const choices = people
    .map(
      ({ id, name, role }) =>
        `<form method="post" action="${escape(
          `${action}/${id}`,
        )}"><button aria-label="${escape(name)}">` +
        `<strong>${escape(name)}</strong><small>${escape(
          role,
        )}</small></button></form>`,
    )
    .join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Who are you?</title><style>${style}</style></head>
<body><main><h1>Who are you?</h1><p>Choose a person to sign in to MCP Cloud as.</p>${choices}
<footer>A stand-in for a company’s sign-in, on this machine only. It asks for no password.</footer></main></body></html>`;
}
