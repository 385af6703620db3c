import { imageReference } from './imageReference';

const digest = `sha256:${'a'.repeat(64)}`;

describe('imageReference', () => {
  it.each([
    ['tools', 'docker.io', 'library/tools', 'latest', 'tools'],
    ['team/tools:1', 'docker.io', 'team/tools', '1', 'team/tools'],
    ['docker.io/tools:1', 'docker.io', 'library/tools', '1', 'docker.io/tools'],
    ['localhost/tools', 'localhost', 'tools', 'latest', 'localhost/tools'],
    ['r.example/a/b:1.4', 'r.example', 'a/b', '1.4', 'r.example/a/b'],
    ['r:5000/a', 'r:5000', 'a', 'latest', 'r:5000/a'],
    [`r:5000/a:1@${digest}`, 'r:5000', 'a', digest, 'r:5000/a'],
    [`r.example/a@${digest}`, 'r.example', 'a', digest, 'r.example/a'],
  ])('reads %s', (image, registry, repository, version, name) => {
    expect(imageReference(image)).toEqual({
      registry,
      repository,
      version,
      name,
    });
  });
});
