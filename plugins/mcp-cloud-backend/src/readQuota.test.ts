import { mockServices } from '@backstage/backend-test-utils';
import { limitsOf } from './quota/QuotaLimits';
import { readQuota } from './readQuota';

const read = (quota?: object) =>
  readQuota(
    mockServices.rootConfig({ data: quota ? { mcpCloud: { quota } } : {} }),
  );

describe('the quota in the configuration', () => {
  it('limits nothing where there is none', () => {
    expect(limitsOf(read(), 'group:default/a')).toEqual({});
    expect(limitsOf(read({}), 'group:default/a')).toEqual({});
  });

  it('is that of an owner, and for the rest the default', () => {
    const limits = read({
      default: { servers: 3, replicas: 0, cpu: 2.5, memory: '16Gi' },
      owners: [
        { owner: 'group:default/A', servers: 50, memory: 'unlimited' },
        { owner: 'user:default/ann', cpu: '500m', replicas: 'unlimited' },
      ],
    });
    expect(limitsOf(limits, 'group:default/b')).toEqual({
      servers: 3,
      replicas: 0,
      cpuMillicores: 2500,
      memoryBytes: 16 * 2 ** 30,
    });
    expect(limitsOf(limits, 'group:default/a')).toEqual({
      servers: 50,
      replicas: 0,
      cpuMillicores: 2500,
    });
    expect(limitsOf(limits, 'user:default/ann')).toEqual({
      servers: 3,
      cpuMillicores: 500,
      memoryBytes: 16 * 2 ** 30,
    });
  });

  it.each([
    [
      { default: { servers: -1 } },
      'mcpCloud.quota.default.servers: Give a whole number of 0 or more',
    ],
    [
      { default: { cpu: 'much' } },
      'mcpCloud.quota.default.cpu: Give a Kubernetes quantity such as 2.5',
    ],
    [{ default: { pods: 1 } }, 'mcpCloud.quota.default: Unrecognized key'],
    [
      { owners: [{ owner: 'team-a', servers: 1 }] },
      'mcpCloud.quota.owners.0.owner: Write the owner in full',
    ],
    [
      { owners: ['A', 'a'].map(name => ({ owner: `group:default/${name}` })) },
      'mcpCloud.quota.owners: An owner is named twice.',
    ],
  ])('is refused in words: %j', (quota, problem) => {
    expect(() => read(quota)).toThrow(problem);
  });
});
