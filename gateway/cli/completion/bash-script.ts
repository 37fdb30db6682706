import { type CompletedCommand, quoted } from './completed-commands.ts';

/** A script for bash 4 and newer. It needs neither Node nor the package bash-completion. */
export function bashScript(program: string, commands: readonly CompletedCommand[]): string {
  const name = `_${program.replaceAll('-', '_')}`;
  return `# Completion of ${program} for bash, made by: ${program} completion bash
${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local at='' word='' names='' options='' files='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="$at \${COMP_WORDS[i]}"
    case "\${word# }" in
      ${commands.flatMap(({ words }) => (words === '' ? [] : [quoted(words)])).join(' | ')}) at=\${word# } ;;
    esac
  done
  case "$at:$prev" in
${commands.flatMap(valueCases).join('\n')}
    *)
      case "$at" in
${commands.map(commandCase).join('\n')}
      esac
      if [[ $cur == -* || -z $names$files ]]; then
        names=$options
        files=''
      fi
      ;;
  esac
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  else
    mapfile -t COMPREPLY < <(compgen -W "$names" -- "$cur")
  fi
}
complete -F ${name} ${program}
`;
}

function valueCases({ words, options }: CompletedCommand): string[] {
  return options.flatMap(({ long, short, values }) => {
    if (values === undefined) return [];
    const patterns = [long, ...(short === undefined ? [] : [short])].map((each) => quoted(`${words}:${each}`));
    const what = values === 'file' ? 'files=1' : values === 'text' ? 'return' : `names=${quoted(values.join(' '))}`;
    return [`    ${patterns.join(' | ')}) ${what} ;;`];
  });
}

function commandCase({ words, commands, options, argument }: CompletedCommand): string {
  const names = [...commands.map(({ name }) => name), ...(Array.isArray(argument) ? argument : [])].join(' ');
  const longs = options.map(({ long }) => long).join(' ');
  const files = argument === 'file' ? ' files=1' : '';
  return `        ${quoted(words)}) names=${quoted(names)} options=${quoted(longs)}${files} ;;`;
}
