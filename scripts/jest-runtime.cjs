const vm = require('node:vm');
const { default: Runtime } = require('jest-runtime');

/**
 * Compiled scripts by their file, as long as the source is the same.
 * @type {Map<string, { source: string, script: vm.Script }>}
 */
const compiled = new Map();

/**
 * Jest's own runtime, but a module is compiled once in a worker. Each test of a component opens a page of its own, which
 * loads every module anew, and Node 20 keeps no compiled code of a script that may import(), as Jest's all may; ours do not.
 * That was half of the time of these tests. Jest takes another runtime through its setting `runtime`; what is overridden is
 * private in its types, so that TypeScript does not check this file, and the version is pinned.
 */
module.exports = class extends Runtime {
  /** @param {string} code @param {string} filename */
  createScriptFromCode(code, filename) {
    const known = compiled.get(filename);
    if (known?.source === code) return known.script;
    try {
      const script = new vm.Script(this.wrapCodeInModuleWrapper(code), {
        columnOffset: this._fileTransforms.get(filename)?.wrapperLength,
        filename,
      });
      compiled.set(filename, { source: code, script });
      return script;
    } catch {
      // It says what is wrong in Jest's words.
      return super.createScriptFromCode(code, filename);
    }
  }
};
