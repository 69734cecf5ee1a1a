/**
 * Completion for bash. Words are split from the line itself, not taken from COMP_WORDS, which breaks at the colons of
 * IPv6 addresses; needs nothing of the bash-completion package.
 */
import { caseLine, optionValueLines, pathText } from './case-lines.ts';
import { allFlags, type CommandNode, flattenTree, questions, type Values, valueFlags } from './tree.ts';

export function bashCompletion(root: CommandNode): string {
  const nodes = flattenTree(root);
  return `# helioctl completion for bash: source <(helioctl completion bash)
__helioctl_ask() {
  "$__helioctl" "\${__helioctl_reach[@]}" --timeout 1s "$1" 2>/dev/null
}

_helioctl() {
  local line="\${COMP_LINE:0:COMP_POINT}" cur="" path="" position=0 value="" i word
  local -a words
  read -ra words <<<"$line"
  if [[ "$line" == *[[:space:]] ]]; then cur=""; else cur="\${words[-1]}"; unset 'words[-1]'; fi
  local __helioctl="\${words[0]:-helioctl}"
  local -a __helioctl_reach=()
  for ((i = 1; i < \${#words[@]}; i++)); do
    word="\${words[i]}"
    if [[ -n "$value" ]]; then
      case "$value" in --socket|--host|--token-file|--tenant) __helioctl_reach+=("$value" "$word") ;; esac
      value=""
      continue
    fi
    case "$word" in
${bashPatterns(valueFlags(nodes), '      ', 'value="$word"; continue')}
      -*) continue ;;
    esac
    case "$path/$word" in
${bashPatterns(
  nodes.slice(1).map(({ path }) => `/${path.join('/')}`),
  '      ',
  'path="$path/$word"; position=0',
)}
      *) position=$((position + 1)) ;;
    esac
  done
  COMPREPLY=()
  if [[ -n "$value" ]]; then
    case "$path $value" in
${nodes.flatMap((node) => node.options.flatMap((option) => optionValueLines(node, option, bashValues))).join('\n')}
    esac
  elif [[ "$cur" == -* ]]; then
    case "$path" in
${nodes.map((node) => caseLine(pathText(node), compgenWords(allFlags(root, node)))).join('\n')}
    esac
  else
    case "$path $position" in
${nodes.flatMap(bashPositions).join('\n')}
    esac
  fi
  if [[ "$cur" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then
    local before="\${cur%"\${cur##*:}"}"
    COMPREPLY=("\${COMPREPLY[@]#"$before"}")
  fi
}
complete -F _helioctl helioctl
`;
}

function bashPatterns(patterns: readonly string[], indent: string, action: string): string {
  return `${indent}${patterns.join('|')}) ${action} ;;`;
}

function compgenWords(words: readonly string[]): string {
  return `mapfile -t COMPREPLY < <(compgen -W '${words.join(' ')}' -- "$cur")`;
}

function bashValues(values: Values, more: readonly string[] = []): string | undefined {
  switch (values.type) {
    case 'words':
      return compgenWords([...values.words, ...more]);
    case 'peers':
    case 'tenants':
      return `mapfile -t COMPREPLY < <(compgen -W "${[...more, `$(__helioctl_ask ${questions[values.type]})`].join(' ')}" -- "$cur")`;
    case 'files':
      return `mapfile -t COMPREPLY < <(compgen -f -- "$cur"); compopt -o filenames 2>/dev/null`;
    case 'none':
      return more.length > 0 ? compgenWords(more) : undefined;
  }
}

function bashPositions(node: CommandNode): string[] {
  const names = node.subcommands.map((sub) => sub.path[sub.path.length - 1]);
  const positions: readonly Values[] = node.arguments.length > 0 ? node.arguments : [{ type: 'none' }];
  return positions.flatMap((values, position) => {
    const action = bashValues(values, position === 0 ? names : []);
    return action ? [caseLine(`${pathText(node)} ${position}`, action)] : [];
  });
}
