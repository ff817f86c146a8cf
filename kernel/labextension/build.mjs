// Builds both bundles from src/ into dist/. Run it through build.sh, which
// skips it when nothing has changed.
//
//   dist/labextension/   the folder that JupyterLab loads
//   dist/ssr.js          one script for goja, which defines goparkChart
//
// JupyterLab's own builder makes the same folder out of three times the
// packages and needs a Python environment to start. What it makes is a module
// federation container: an object with init(shareScope) and get(module). That
// is written out below; lab_test.go proves it in a real Lab.
import * as esbuild from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const out = `${root}dist`;
const { name, version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const description = 'Draws the charts of gopark in JupyterLab, with Apache ECharts.';

// Modules that must be the Lab's own copies, since their classes are compared.
const shared = ['@lumino/widgets'];

const fromTheLab = {
  name: 'from-the-lab',
  setup(build) {
    build.onResolve({ filter: /^@(lumino|jupyterlab)\// }, ({ path }) =>
      shared.includes(path)
        ? { path, namespace: 'lab' }
        : { errors: [{ text: `${path} is not shared: import its types only` }] }
    );
    build.onLoad({ filter: /./, namespace: 'lab' }, ({ path }) => ({
      contents: `module.exports = __shared[${JSON.stringify(path)}]`
    }));
  }
};

// The sanitiser keeps options away from these; leaving them out means that
// nothing depends on it.
const leftOut = {
  name: 'left-out',
  setup(build) {
    build.onLoad({ filter: /echarts\/lib\/component\/tooltip\/TooltipHTMLContent\.js$/ }, () => ({
      contents: `export default function () { throw new Error('HTML tooltips are left out'); }`
    }));
    build.onLoad({ filter: /echarts\/lib\/util\/format\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const cut = text.replace(
        /export function windowOpen\([^)]*\) \{[\s\S]*?\n\}/,
        'export function windowOpen() {}'
      );
      if (cut === text) {
        return { errors: [{ text: 'windowOpen has moved: look where ECharts opens links now' }] };
      }
      return { contents: cut, loader: 'js' };
    });
  }
};

const common = {
  absWorkingDir: root,
  bundle: true,
  charset: 'ascii',
  define: { 'process.env.NODE_ENV': '"production"' },
  format: 'iife',
  legalComments: 'none', // they are in third-party-licenses.txt
  logLevel: 'warning',
  minify: true,
  write: false
};

async function bundle(options) {
  const { outputFiles } = await esbuild.build({ ...common, ...options });
  return outputFiles[0].text;
}

const [extension, ssr] = await Promise.all([
  bundle({
    entryPoints: ['src/index.ts'],
    globalName: '__extension',
    plugins: [fromTheLab, leftOut],
    target: 'es2021'
  }),
  bundle({
    entryPoints: ['src/ssr.ts'],
    globalName: '__ssr',
    footer: { js: 'globalThis.goparkChart = __ssr.render;' },
    plugins: [leftOut],
    target: 'es2017'
  })
]);

const container = `(() => {
const shared = ${JSON.stringify(shared)};
let scope, loaded;
const newest = versions => Object.keys(versions).sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).pop();
const load = async () => {
  const __shared = {};
  for (const id of shared) {
    const versions = scope[id];
    __shared[id] = (await versions[newest(versions)].get())();
  }
  ${extension}
  return () => __extension;
};
(globalThis._JUPYTERLAB ??= {})[${JSON.stringify(name)}] = {
  init(shareScope) { scope ??= shareScope; },
  get(module) {
    return module === './mimeExtension' ? loaded ??= load() : Promise.reject(new Error('there is no module ' + module));
  }
};
})();
`;

// In the name, so that a browser never shows an old one from its cache.
const hash = createHash('sha256').update(container).digest('hex').slice(0, 16);
const entry = `static/remoteEntry.${hash}.js`;

// What is new first, what is old last: a Go build at the same moment embeds
// something whole.
mkdirSync(`${out}/labextension/static`, { recursive: true });
writeFileSync(`${out}/ssr.js`, ssr);
writeFileSync(`${out}/labextension/${entry}`, container);
writeFileSync(`${out}/labextension/third-party-licenses.txt`, licenses());
writeFileSync(
  `${out}/labextension/package.json`,
  JSON.stringify(
    {
      name,
      version,
      description,
      license: 'MIT',
      keywords: ['jupyterlab-extension'],
      jupyterlab: {
        mimeExtension: true,
        _build: { load: entry, mimeExtension: './mimeExtension' }
      }
    },
    null,
    2
  ) + '\n'
);
for (const file of readdirSync(`${out}/labextension/static`)) {
  if (`static/${file}` !== entry) {
    rmSync(`${out}/labextension/static/${file}`);
  }
}

function licenses() {
  const files = [
    'echarts/NOTICE',
    'echarts/LICENSE',
    'echarts/licenses/LICENSE-d3',
    'zrender/LICENSE',
    'tslib/LICENSE.txt'
  ];
  return files
    .map(file => `==== ${file} ====\n\n${readFileSync(`${root}node_modules/${file}`, 'utf8')}`)
    .join('\n');
}
