module.exports = require('../../eslint.dependencies.js')(__dirname);
