module.exports = require('../../eslint.dependencies.js')(__dirname, {
  rules: {
    // `./dev` runs before anything is installed, so it reaches packages/dev-cluster by its path.
    '@backstage/no-relative-monorepo-imports': 'off',
  },
});
