/**
 * The text so that a container gets it as it stands. In arguments and variables Kubernetes turns `$(NAME)` into that
 * variable's value and `$$` into `$`; a doubled `$` is always one `$` in the end.
 */
export function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}
