import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  hashSources,
  kubernetesVersion,
  linkerFlags,
  prune,
  readSources,
} from './build.ts';

describe('the hash of the sources', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'sources-'));
    mkdirSync(join(dir, 'kube'));
    writeFileSync(join(dir, 'go.mod'), 'module x');
    writeFileSync(join(dir, 'kube', 'main.go'), 'package main');
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const hash = () => hashSources(readSources(dir));

  it('changes with what is built', () => {
    const before = hash();
    writeFileSync(join(dir, 'kube', 'main.go'), 'package  main');
    expect(hash()).not.toBe(before);
  });

  it('stays with what is not', () => {
    const before = hash();
    writeFileSync(join(dir, 'kube', 'main_test.go'), 'package main');
    writeFileSync(join(dir, 'README.md'), 'words');
    expect(hash()).toBe(before);
  });
});

describe('prune', () => {
  it('keeps the newest builds and everything that is no build', () => {
    const cache = mkdtempSync(join(tmpdir(), 'cache-'));
    const builds = ['1', '2', '3'].map(digit => digit.repeat(16));
    builds.forEach((name, age) => {
      mkdirSync(join(cache, name));
      utimesSync(join(cache, name), 1000 - age, 1000 - age);
    });
    mkdirSync(join(cache, 'go-venv'));
    prune(cache, 2);
    expect(readdirSync(cache).sort()).toEqual([
      builds[0],
      builds[1],
      'go-venv',
    ]);
    rmSync(cache, { recursive: true });
  });
});

describe('the version of Kubernetes', () => {
  it('comes from go.mod and goes to the linker', () => {
    expect(kubernetesVersion('require k8s.io/kubernetes v1.36.3\n')).toBe(
      'v1.36.3',
    );
    expect(() => kubernetesVersion('module x')).toThrow(/k8s\.io\/kubernetes/);
    expect(linkerFlags('v1.36.3')).toContain(
      '-X k8s.io/component-base/version.gitMinor=36',
    );
  });
});
