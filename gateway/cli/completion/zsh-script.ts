import { type CompletedCommand, quoted } from './completed-commands.ts';

/** A script for zsh: a file `_callpoint` in a directory of `$fpath`, or sourced. */
export function zshScript(program: string, commands: readonly CompletedCommand[]): string {
  const name = `_${program.replaceAll('-', '_')}`;
  return `#compdef ${program}
# Completion of ${program} for zsh, made by: ${program} completion zsh
${name}() {
  local at='' word='' files='' i
  local -a names options
  for ((i = 2; i < CURRENT; i++)); do
    word="$at $words[i]"
    case "\${word# }" in
      (${commands.flatMap(({ words }) => (words === '' ? [] : [quoted(words)])).join('|')}) at="\${word# }" ;;
    esac
  done
  case "$at:$words[CURRENT-1]" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$at" in
${commands.map(commandCase).join('\n')}
  esac
  if [[ "$words[CURRENT]" == -* || ( \${#names} -eq 0 && -z "$files" ) ]]; then
    _describe -o option options
  elif [[ -n "$files" ]]; then
    _files
  else
    _describe command names
  fi
}
if [[ "\${funcstack[1]}" == ${name} ]]; then
  ${name} "$@"
else
  compdef ${name} ${program}
fi
`;
}

function valueCases({ words, options }: CompletedCommand): string[] {
  return options.flatMap(({ long, short, values }) => {
    if (values === undefined) return [];
    const patterns = [long, ...(short === undefined ? [] : [short])].map((each) => quoted(`${words}:${each}`));
    const what =
      values === 'file' ? '_files; return' : values === 'text' ? 'return' : `compadd -- ${values.join(' ')}; return`;
    return [`    (${patterns.join('|')}) ${what} ;;`];
  });
}

function commandCase({ words, commands, options, argument }: CompletedCommand): string {
  const below = commands.map(({ name, about }) => described(name, about));
  const values = Array.isArray(argument) ? argument.map((each) => quoted(each)) : [];
  const shown = options.map(({ long, about }) => described(long, about));
  const files = argument === 'file' ? ' files=1' : '';
  return `    (${quoted(words)}) names=(${[...below, ...values].join(' ')}); options=(${shown.join(' ')})${files && `;${files}`} ;;`;
}

/** `_describe` splits at the first colon. */
function described(name: string, about: string): string {
  return quoted(`${name}:${about}`);
}
