/** The `controller` block: the daemon as a gateway that a controller tells which tenants to serve. */
import { z } from 'zod';
import { controllerDefaults } from './defaults.ts';
import { deviceName, filePath, integer, shown, textValue } from './scalars.ts';

/** As the controller spells the names of its objects. */
function gatewayName() {
  return textValue('the name of a gateway', (value, refuse) =>
    /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(value)
      ? value
      : refuse(`${shown(value)} is no name of a gateway: a-z, 0-9, - and . are allowed`),
  );
}

function endpoint() {
  return textValue('a URL', (value, refuse) => {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    const plain = url && url.pathname === '/' && url.search === '' && url.username === '' && url.hash === '';
    if (plain && (url.protocol === 'http:' || url.protocol === 'https:')) return url.origin;
    return refuse(`expected a URL such as "http://192.0.2.10:8180", not ${shown(value)}`);
  });
}

const vlanInterface = z.strictObject({
  vlan: integer('a VLAN', 1, 4094).meta({ description: 'As the connections of tenants name it.' }),
  interface: deviceName().meta({ description: 'The interface that it arrives on.' }),
});

export const controllerSchema = z.strictObject({
  gateway: gatewayName().meta({ description: 'What the controller calls this gateway.' }),
  endpoints: z.array(endpoint()).meta({
    description: 'Where the controller is: "http://192.0.2.10:8180". Of several the first that answers.',
  }),
  tokenFile: filePath().meta({ description: 'File that holds the bearer token of this gateway.' }),
  secretsDirectory: filePath().optional().meta({
    description: 'Where the keys of TCP MD5 are: a file for each passwordRef of a BgpPeer.',
    default: controllerDefaults.secretsDirectory,
  }),
  interfaces: z.array(vlanInterface).optional().meta({
    description: 'The interface of each VLAN, moved to the tenant that has it. Default: vlan and its number.',
  }),
});

export type ControllerKeys = z.output<typeof controllerSchema>;
