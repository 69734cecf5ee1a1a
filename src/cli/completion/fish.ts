/** Completion for fish: a function that finds the command typed so far, and a `complete` line per word and option. */
import {
  type CommandNode,
  flattenTree,
  type OptionNode,
  questions,
  type Values,
  valueFlags,
} from './tree.ts';

export function fishCompletion(root: CommandNode): string {
  const nodes = flattenTree(root);
  const paths = nodes.slice(1).map(({ path }) => `/${path.join('/')}`);
  return `# helioctl completion for fish: helioctl completion fish | source
function __helioctl_at --description 'true where the command typed so far is this one, with that many arguments'
  set -l route ""
  set -l position 0
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip = 1
      set skip 0
    else if contains -- $word ${valueFlags(nodes).join(' ')}
      set skip 1
    else if string match -q -- '-*' $word
      continue
    else if contains -- $route/$word ${paths.join(' ')}
      set route $route/$word
      set position 0
    else
      set position (math $position + 1)
    end
  end
  test "$route" = "$argv[1]"; and test -z "$argv[2]" -o "$position" = "$argv[2]"
end

function __helioctl_ask
  set -l words (commandline -opc)
  set -l reach
  for i in (seq 2 (math (count $words) - 1))
    if contains -- $words[$i] --socket --host --token-file --tenant
      set -a reach $words[$i] $words[(math $i + 1)]
    end
  end
  command $words[1] $reach --timeout 1s $argv[1] 2>/dev/null
end

complete -c helioctl -f
${nodes.flatMap(nodeLines).join('\n')}
`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function nodeLines(node: CommandNode): string[] {
  const path = node.path.map((name) => `/${name}`).join('');
  const at = (position: number | ''): string => quote(`__helioctl_at "${path}" ${position}`.trim());
  const subcommands = node.subcommands.map(
    (sub) => `complete -c helioctl -n ${at(0)} -a ${sub.path[sub.path.length - 1]} -d ${quote(sub.summary)}`,
  );
  const positions = node.arguments.flatMap((values, position) => {
    const given = valuesFlags(values);
    return given ? [`complete -c helioctl -n ${at(position)} ${given}`] : [];
  });
  const options = node.options.map((option) => optionLine(option, path === '' ? undefined : at('')));
  return [...subcommands, ...positions, ...options];
}

function optionLine({ flags, summary, values }: OptionNode, condition: string | undefined): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const where = condition ? `-n ${condition} ` : '';
  // -x: a value and no files; -r: a value, where -F lets files back in.
  const needs = values?.type === 'files' ? ' -r' : ' -x';
  const value = values ? `${needs} ${valuesFlags(values) ?? ''}`.trimEnd() : '';
  return `complete -c helioctl ${where}${names.join(' ')} -d ${quote(summary)}${value}`;
}

function valuesFlags(values: Values): string | undefined {
  switch (values.type) {
    case 'words':
      return `-a ${quote(values.words.join(' '))}`;
    case 'peers':
    case 'tenants':
      return `-a '(__helioctl_ask ${questions[values.type]})'`;
    case 'files':
      return '-F';
    case 'none':
      return undefined;
  }
}
