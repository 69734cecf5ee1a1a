/** How the rows of bad files are written. */

/** Title, text of the file, expected lines without the file name. */
export type BadFile = readonly [title: string, text: string, expected: readonly string[]];

export const head = 'version: 1\nrouter: { asn: 65000, routerId: 10.0.0.1 }\n';
export const body = (text: string) => head + text;
export const peer = (keys: string) => body(`peers:\n  - { address: 10.0.0.2, remoteAs: 65000, ${keys} }\n`);
export const router = (keys: string) => `version: 1\nrouter: { asn: 65000, routerId: 10.0.0.1, ${keys} }\n`;
export const term = (keys: string) => body(`policies:\n  - { name: p, terms: [ { ${keys} } ] }\n`);
