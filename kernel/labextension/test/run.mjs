// Bundles the tests, since Node does not read TypeScript before version 22, and
// runs them with Node's own test runner.
import * as esbuild from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const dir = mkdtempSync(`${here}../node_modules/.tests-`);
try {
  const tests = readdirSync(here).filter(file => file.endsWith('.test.ts'));
  await esbuild.build({
    absWorkingDir: here,
    bundle: true,
    entryPoints: tests,
    format: 'esm',
    logLevel: 'warning',
    outExtension: { '.js': '.mjs' },
    outdir: dir,
    platform: 'node',
    sourcemap: 'inline',
    target: 'node18'
  });
  const files = readdirSync(dir).map(file => `${dir}/${file}`);
  process.exitCode =
    spawnSync(process.execPath, ['--test', ...files], { stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(dir, { recursive: true });
}
