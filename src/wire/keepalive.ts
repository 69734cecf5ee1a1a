/** KEEPALIVE (RFC 4271 §4.4): a header and nothing else, the same octets for everybody. */
import { finishMessage, startMessage } from './header.ts';
import { MessageType } from './messages.ts';

/** A whole KEEPALIVE message. Shared: never write to it. */
export const keepaliveBytes: Uint8Array = finishMessage(startMessage(MessageType.keepalive));
