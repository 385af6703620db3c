/** Says in words why this machine cannot run a cluster, if so. */
export function whyUnsupported(
  platform: string = process.platform,
  arch: string = process.arch,
  uid: number = process.getuid?.() ?? -1,
): string | undefined {
  if (platform !== 'linux' || arch !== 'x64') {
    return (
      `The embedded cluster runs on Linux x64 only; this is ${platform} ${arch}. ` +
      'Use another cluster instead: make one with kind (https://kind.sigs.k8s.io) and pass its file with --kubeconfig.'
    );
  }
  if (uid !== 0) {
    return (
      'The embedded cluster needs root: it makes network namespaces, mounts and cgroups. ' +
      'Run this with sudo, or use another cluster (kind, for one) and pass its file with --kubeconfig.'
    );
  }
  return undefined;
}

export function requireSupportedMachine(): void {
  const why = whyUnsupported();
  if (why) {
    throw new Error(why);
  }
}
