/** One line for `ip -batch` or `bridge -batch`, with what to call it when it fails. */
export interface Line {
  readonly text: string;
  /** Before the kernel's reason: "interface vlan101 cannot be taken". */
  readonly words: string;
}
