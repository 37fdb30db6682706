import type { CompletedCommand } from './completed-commands.ts';

/** A script for fish: a file in its directory `completions`, or sourced. */
export function fishScript(program: string, commands: readonly CompletedCommand[]): string {
  const name = `__${program.replaceAll('-', '_')}`;
  const known = commands.flatMap(({ words }) => (words === '' ? [] : [quotedFish(words)]));
  return `# Completion of ${program} for fish, made by: ${program} completion fish
function ${name}_at
    set -l at ''
    for word in (commandline -opc)[2..]
        set -l longer (string trim -- "$at $word")
        contains -- $longer ${known.join(' ')}
        and set at $longer
    end
    echo $at
end
function ${name}_is
    test (${name}_at) = "$argv"
end
complete -c ${program} -f
${commands.flatMap((command) => commandLines(program, name, command)).join('\n')}
`;
}

function commandLines(program: string, name: string, command: CompletedCommand): string[] {
  const { words, commands, options, argument } = command;
  const start = `complete -c ${program} -n ${quotedFish(`${name}_is ${words}`.trim())}`;
  return [
    ...commands.map((each) => `${start} -a ${each.name} -d ${quotedFish(each.about)}`),
    ...(argument === 'file' ? [`${start} -F`] : []),
    ...(Array.isArray(argument) ? [`${start} -a ${quotedFish(argument.join(' '))}`] : []),
    ...options.map(({ long, short, about, values }) => {
      const flags = `-l ${long.replace(/^--/, '')}${short === undefined ? '' : ` -s ${short.replace(/^-/, '')}`}`;
      return `${start} ${flags}${valueFlags(values)} -d ${quotedFish(about)}`;
    }),
  ];
}

function valueFlags(values: CompletedCommand['argument']): string {
  if (values === undefined) return '';
  if (values === 'file') return ' -r -F';
  return values === 'text' ? ' -x' : ` -x -a ${quotedFish(values.join(' '))}`;
}

/** In fish a backslash escapes within single quotes. */
function quotedFish(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
