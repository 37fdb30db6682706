import type { Block, Page } from './page.ts';

const STYLE = `
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 0 auto; padding: 1rem }
nav { columns: 16rem; margin-bottom: 2rem }
nav a { display: block }
article { border-top: 1px solid; margin-top: 2rem }
pre { overflow-x: auto; padding: .5rem; border: 1px solid #8888; white-space: pre-wrap; overflow-wrap: anywhere }
dt { font: bold 14px/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
dd { margin: 0 0 .5rem 2rem }
dd p { margin: 0 }
h3 { font-size: 1rem }
`;

/** The whole manual as one page without scripts: it is read in a browser, also from a disk. */
export function htmlManual(pages: readonly Page[], edition: { readonly source: string }): string {
  const title = `${edition.source}: manual`;
  const links = pages.map((page) => `<a href="#${anchor(page.name)}">${escaped(title1(page))}</a>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<nav>
${links.join('\n')}
</nav>
${pages.map(pageHtml(new Set(pages.map(({ name }) => name)))).join('\n')}
</body>
</html>
`;
}

function title1({ name, section }: Page): string {
  return `${name}(${section})`;
}

const pageHtml =
  (known: ReadonlySet<string>) =>
  (page: Page): string => {
    const parts = page.parts.map(({ title, level, blocks }) => {
      const heading = level === 1 ? 'h3' : 'h4';
      return `<${heading}>${escaped(title)}</${heading}>\n${blocks.map((block) => blockHtml(block, known)).join('\n')}`;
    });
    const head = `<h2>${escaped(title1(page))}</h2>\n<p>${escaped(page.about)}</p>`;
    return `<article id="${anchor(page.name)}">\n${head}\n${parts.join('\n')}\n</article>`;
  };

function blockHtml(block: Block, known: ReadonlySet<string>): string {
  switch (block.kind) {
    case 'text':
      return `<p>${linked(block.text, known)}</p>`;
    case 'lines':
      return `<pre>${block.lines.map(escaped).join('\n')}</pre>`;
    case 'terms': {
      const rows = block.terms.map(({ term, meaning }) => {
        const paragraphs = meaning.map((each) => `<p>${linked(each, known)}</p>`);
        return `<dt>${linked(term, known)}</dt><dd>${paragraphs.join('')}</dd>`;
      });
      return `<dl>\n${rows.join('\n')}\n</dl>`;
    }
  }
}

/** `callpoint-run(1)` leads to that page. */
function linked(words: string, known: ReadonlySet<string>): string {
  return escaped(words).replaceAll(/([a-z][a-z.-]*)\(\d\)/g, (all, name: string) =>
    known.has(name) ? `<a href="#${anchor(name)}">${all}</a>` : all,
  );
}

function anchor(name: string): string {
  return name.replaceAll(/[^a-z0-9]+/g, '-');
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
