/** Completion for zsh, with a line of help beside each word. The same walk over the words as for bash. */
import { caseLine, optionValueLines, pathText } from './case-lines.ts';
import { allFlags, type CommandNode, flattenTree, questions, type Values, valueFlags } from './tree.ts';

export function zshCompletion(root: CommandNode): string {
  const nodes = flattenTree(root);
  const paths = nodes.slice(1).map(({ path }) => `/${path.join('/')}`);
  return `#compdef helioctl
# helioctl completion for zsh: source <(helioctl completion zsh), or save as _helioctl in a directory of $fpath
__helioctl_ask() {
  local -a answers
  answers=(\${(f)"$(command $words[1] $reach --timeout 1s "$1" 2>/dev/null)"})
  compadd -a answers
}

_helioctl() {
  local route="" value="" position=0 i word
  local -a reach found
  for ((i = 2; i < CURRENT; i++)); do
    word="$words[i]"
    if [[ -n "$value" ]]; then
      case "$value" in --socket|--host|--token-file|--tenant) reach+=("$value" "$word") ;; esac
      value=""
      continue
    fi
    case "$word" in
      ${valueFlags(nodes).join('|')}) value="$word"; continue ;;
      -*) continue ;;
    esac
    case "$route/$word" in
      ${paths.join('|')}) route="$route/$word"; position=0 ;;
      *) position=$((position + 1)) ;;
    esac
  done
  if [[ -n "$value" ]]; then
    case "$route $value" in
${nodes.flatMap((node) => node.options.flatMap((option) => optionValueLines(node, option, valuesAction))).join('\n')}
    esac
  elif [[ "$words[CURRENT]" == -* ]]; then
    case "$route" in
${nodes.map((node) => caseLine(pathText(node), describe('option', flagsWithHelp(root, node)))).join('\n')}
    esac
  else
    case "$route $position" in
${nodes.flatMap(positionCases).join('\n')}
    esac
  fi
}
if [[ "$funcstack[1]" == _helioctl ]]; then _helioctl "$@"; else compdef _helioctl helioctl; fi
`;
}

/** `'name:help'` in single quotes, where colons of the name and quotes are escaped. */
function described(name: string, help: string): string {
  return `'${name.replaceAll(':', '\\:')}:${help.replaceAll("'", "'\\''")}'`;
}

function describe(what: string, entries: readonly string[]): string {
  return `found=(${entries.join(' ')}); _describe '${what}' found`;
}

function flagsWithHelp(root: CommandNode, node: CommandNode): string[] {
  const options = [...node.options, ...root.options];
  return allFlags(root, node).map((flag) => {
    const option = options.find(({ flags }) => flags.includes(flag));
    return described(flag, option?.summary ?? '');
  });
}

function valuesAction(values: Values): string | undefined {
  switch (values.type) {
    case 'words':
      return `compadd -- ${values.words.join(' ')}`;
    case 'peers':
    case 'tenants':
      return `__helioctl_ask ${questions[values.type]}`;
    case 'files':
      return '_files';
    case 'none':
      return undefined;
  }
}

function positionCases(node: CommandNode): string[] {
  const names = node.subcommands.map((sub) => described(sub.path[sub.path.length - 1], sub.summary));
  const positions: readonly Values[] = node.arguments.length > 0 ? node.arguments : [{ type: 'none' }];
  return positions.flatMap((values, position) => {
    const actions = [
      ...(position === 0 && names.length > 0 ? [describe('command', names)] : []),
      valuesAction(values),
    ].filter((action) => action !== undefined);
    return actions.length > 0 ? [caseLine(`${pathText(node)} ${position}`, actions.join('; '))] : [];
  });
}
