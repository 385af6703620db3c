import type { KubeApi } from '../clusters/types';
import type { Account } from '../manifests/renderNamespace';

/** Who the backend is to this API server. */
export async function accountOf(api: KubeApi): Promise<Account> {
  const { status } = await api.json<{
    status: { userInfo: { username: string } };
  }>({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
    },
  });
  const { username } = status.userInfo;
  const [, namespace, name] =
    /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
  return name
    ? { kind: 'ServiceAccount', namespace, name }
    : { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: username };
}
