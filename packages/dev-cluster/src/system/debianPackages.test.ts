import { missingPackages } from './debianPackages';

describe('missingPackages', () => {
  it('names each package once, and only those whose programs are missing', () => {
    const needed = [
      { file: 'a', debianPackage: 'tools' },
      { file: 'b', debianPackage: 'tools' },
      { file: 'c', debianPackage: 'other' },
    ];
    expect(missingPackages(needed, file => file === 'c')).toEqual(['tools']);
    expect(missingPackages(needed, () => true)).toEqual([]);
  });
});
