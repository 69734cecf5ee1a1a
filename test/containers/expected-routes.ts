/** What the configurations below deploy/ announce, as it must look at the far end. Both deployments have these clients. */

const fromFrr = {
  origin: 'incomplete',
  asPath: '64512 64513',
  med: 33,
  localPref: 250,
  communities: ['65000:103', '65000:3'],
  extendedCommunities: ['rt:65000:3'],
  largeCommunities: ['65000:3:1'],
  originatorId: '10.179.0.3',
};

const fromBird = {
  origin: 'egp',
  asPath: '64514',
  med: 44,
  localPref: 150,
  communities: ['65000:104', '65000:4'],
  extendedCommunities: ['rt:65000:4'],
  largeCommunities: ['65000:4:1'],
  originatorId: '10.179.0.4',
};

/** Own routes of FRR by prefix, seen at BIRD. */
export const frrOriginates = {
  '198.51.100.0/24': { ...fromFrr, nextHop: '10.179.0.3' },
  '2001:db8:3::/48': { ...fromFrr, nextHop: 'fd00:179::3' },
};

/** Own routes of BIRD by prefix, seen at FRR. */
export const birdOriginates = {
  '192.0.2.0/24': { ...fromBird, nextHop: '10.179.0.4' },
  '2001:db8:4::/48': { ...fromBird, nextHop: 'fd00:179::4' },
};

/** Networks of heliod in compose.yaml: announced by itself, so neither ORIGINATOR_ID nor CLUSTER_LIST. */
export const heliodOriginates = {
  '203.0.113.0/24': { origin: 'igp', asPath: '', nextHop: '10.179.0.2', med: 20, localPref: 120 },
  '2001:db8:2::/48': { origin: 'igp', asPath: '', nextHop: 'fd00:179::2', localPref: 100 },
};
