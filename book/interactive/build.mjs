// Bundle src/ into one script: node build.mjs [folder]. Without a folder it writes the two copies that are committed,
// one for the pages of the book and one for the package, which carries it to JupyterLab.
import {mkdir, readFile, writeFile} from "node:fs/promises";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import {build, transform} from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

const styles = {
  name: "styles",
  setup: ({onLoad}) =>
    onLoad({filter: /\.css$/}, async ({path}) => {
      const {code} = await transform(await readFile(path, "utf8"), {loader: "css", minify: true});
      return {contents: code.trim(), loader: "text"};
    }),
};

const {outputFiles} = await build({
  absWorkingDir: here,
  entryPoints: ["src/main.ts"],
  bundle: true,
  charset: "utf8",
  format: "iife",
  globalName: "parts",
  legalComments: "none",
  minify: true,
  plugins: [styles],
  target: "es2022",
  write: false,
});

// A function, so that a worker can be started with its text: a page that was opened from a disk may load no file.
const text = `// Built from book/interactive by \`make interactive\`.
function courseInteractive(){${outputFiles[0].text.trim()}return parts}
var courseInteractiveParts=courseInteractive();
`;
const targets = process.argv[2] ? [process.argv[2]] : [join(here, "../_static"), join(here, "../../coursepkg")];
for (const folder of targets) {
  await mkdir(folder, {recursive: true});
  await writeFile(join(folder, "interactive.js"), text);
}
