import { createMockDirectory } from '@backstage/backend-test-utils';
import { symlinkSync } from 'node:fs';
import { checkRequest } from './checkRequest';

describe('checkRequest', () => {
  const dir = createMockDirectory();
  const request = () => ({
    contextDir: dir.resolve('context'),
    name: 'team-a/tools',
    tag: '1.0',
  });

  beforeEach(() =>
    dir.setContent({
      context: { Containerfile: 'FROM a', sub: { Other: 'FROM b' } },
      outside: 'FROM c',
    }),
  );

  it('finds the Containerfile, or else the Dockerfile', async () => {
    await expect(checkRequest(request())).resolves.toMatchObject({
      containerfile: dir.resolve('context/Containerfile'),
    });
    dir.setContent({ context: { Dockerfile: 'FROM a' } });
    await expect(checkRequest(request())).resolves.toMatchObject({
      containerfile: dir.resolve('context/Dockerfile'),
    });
    dir.setContent({ context: {} });
    await expect(checkRequest(request())).rejects.toThrow(
      'There is no Containerfile or Dockerfile',
    );
  });

  it('takes a Containerfile from below the directory only', async () => {
    await expect(
      checkRequest({ ...request(), containerfile: 'sub/Other' }),
    ).resolves.toBeDefined();
    await expect(
      checkRequest({ ...request(), containerfile: '../outside' }),
    ).rejects.toThrow('lies outside');
    symlinkSync(dir.resolve('outside'), dir.resolve('context/link'));
    await expect(
      checkRequest({ ...request(), containerfile: 'link' }),
    ).rejects.toThrow('lies outside');
  });

  it.each([
    '',
    'Team/tools',
    '-x',
    'a//b',
    '../a',
    'a b',
    'a:b',
    '--help',
    'a'.repeat(201),
  ])('refuses the name %p', async name => {
    await expect(checkRequest({ ...request(), name })).rejects.toThrow(
      'is not an image name',
    );
  });

  it.each(['', '-x', 'a b', 'a/b', 'x'.repeat(129)])(
    'refuses the tag %p',
    async tag => {
      await expect(checkRequest({ ...request(), tag })).rejects.toThrow(
        'is not an image tag',
      );
    },
  );

  it('refuses arguments and labels that are no names', async () => {
    await expect(
      checkRequest({ ...request(), buildArgs: { 'A=1 --x': '' } }),
    ).rejects.toThrow('build argument');
    await expect(
      checkRequest({ ...request(), labels: { 'a b': '' } }),
    ).rejects.toThrow('image label');
  });

  it('refuses a directory that is not there', async () => {
    await expect(
      checkRequest({ ...request(), contextDir: dir.resolve('nowhere') }),
    ).rejects.toThrow('does not exist');
  });
});
