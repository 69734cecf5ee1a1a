/** System errors of sockets in the operator's words, with what to do about them where that is known. */

/** The code of a system error (`ECONNREFUSED`), empty when it has none. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  ECONNABORTED: 'connection aborted',
  EPIPE: 'connection closed by peer while we were sending',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  EHOSTDOWN: 'host is down',
  EADDRNOTAVAIL: 'the local address is not one of this machine',
  EADDRINUSE: 'the local address and port are in use',
  EMFILE: 'too many open files (raise LimitNOFILE)',
  ENFILE: 'too many open files on this machine',
  EAFNOSUPPORT: 'this machine does not speak that IP version',
  EACCES: 'permission denied',
  EPERM: 'not permitted (a firewall rule of this machine?)',
};

/** One phrase for why a connection failed: `connection refused`, or the system's own message. */
export function describeSocketError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return words[errorCode(error)] ?? message;
}

/** A listener could not be opened; the message says what would help. */
export class ListenError extends Error {
  readonly code: string;

  constructor(address: string, port: number, cause: unknown) {
    super(`cannot listen on ${address} port ${port}: ${listenAdvice(port, cause)}`, { cause });
    this.name = 'ListenError';
    this.code = errorCode(cause);
  }
}

function listenAdvice(port: number, cause: unknown): string {
  switch (errorCode(cause)) {
    case 'EACCES':
      return (
        'permission denied; this port needs the capability CAP_NET_BIND_SERVICE ' +
        '(systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE, containers: --cap-add NET_BIND_SERVICE, ' +
        'a shell: setpriv or root), or sysctl -w net.ipv4.ip_unprivileged_port_start=' +
        port
      );
    case 'EADDRINUSE':
      return `another process listens there already (ss -ltnp 'sport = :${port}' names it)`;
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address';
    default:
      return describeSocketError(cause);
  }
}
