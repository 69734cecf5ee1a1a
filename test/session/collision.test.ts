/** RFC 4271 §6.8 in both orders and with both identifiers, and what becomes of late and lingering connections. */
import { describe, expect, test } from 'vitest';
import { resolveByIdentifiers, survivingDirection } from '../../src/session/collision.ts';
import { Drive } from './drive.ts';

const ours = 1;
const theirs = 70;
const smallerPeer = { routerId: 0x09000001 };
const largerPeer = { routerId: 0x0b000001 };

describe('both connections are past OPEN', () => {
  test.each([
    ['peer smaller, its OPEN on ours first', smallerPeer, ours, theirs, ours],
    ['peer smaller, its OPEN on theirs first', smallerPeer, theirs, ours, ours],
    ['peer larger, its OPEN on ours first', largerPeer, ours, theirs, theirs],
    ['peer larger, its OPEN on theirs first', largerPeer, theirs, ours, theirs],
    ['identifiers equal, AS larger', { routerId: 0x0a000001 }, ours, theirs, theirs],
  ])('%s', (_, peer, first, second, survivor) => {
    const drive = new Drive({}, peer).start().outgoing(ours).incoming(theirs);
    expect(drive.hears(first).said).toContain(`send ${first} KEEPALIVE`);
    expect(drive.session.connections).toHaveLength(2);

    const loser = survivor === ours ? theirs : ours;
    drive.hears(second);
    expect(drive.said.slice(0, 2)).toEqual([`send ${loser} NOTIFICATION 6/7`, `close ${loser} flush`]);
    expect(drive.session.connections).toEqual([survivor]);
    expect(drive.session.state).toBe('open-confirm');
    expect(drive.keepalive(survivor).said).toContain(`established ${survivor}`);
    expect(drive.fails(loser).said).toEqual([]);
  });

  test('RFC 6286 §2.3: identifiers equal, the larger AS decides', () => {
    const ids = { localId: 7, remoteId: 7, localAs: 65002, remoteAs: 65001 };
    expect(survivingDirection(ids)).toBe('outgoing');
    expect(survivingDirection({ ...ids, localAs: 1 })).toBe('incoming');
  });

  test('unsigned identifiers are compared', () => {
    const ids = { localId: 0xffffffff, remoteId: 1, localAs: 1, remoteAs: 1 };
    expect(survivingDirection(ids)).toBe('outgoing');
  });

  test('of two made by the same side the older goes on', () => {
    const ids = { localId: 1, remoteId: 2, localAs: 1, remoteAs: 1 };
    expect(resolveByIdentifiers('incoming', 'incoming', ids)).toBe('keep-existing');
  });
});

describe('no connection is dropped before the other is past OPEN', () => {
  test.each([smallerPeer, largerPeer])('peer %j closes one by itself', (peer) => {
    const drive = new Drive({}, peer).start().outgoing(ours).incoming(theirs).hears(theirs);
    expect(drive.session.connections).toEqual([ours, theirs]);
    drive.fails(theirs);
    expect(drive.session.state).toBe('open-sent');
    expect(drive.hears(ours).keepalive(ours).session.state).toBe('established');
  });

  test('a refused collision is no failure: we try again without idle hold', () => {
    const drive = new Drive().start().outgoing(ours).notified(ours, 6, 7);
    expect(drive.session.state).toBe('active');
    expect(drive.after(10_000).said).toContain('connect 2');
  });
});

describe('one became Established while the other waits for its OPEN', () => {
  const waiting = (peer = largerPeer) =>
    new Drive({}, peer).start().outgoing(ours).incoming(theirs).hears(ours).keepalive(ours);

  test('it lingers, then gives way', () => {
    const drive = waiting();
    expect(drive.session.connections).toEqual([ours, theirs]);
    expect(drive.after(4_999).said).toEqual([]);
    expect(drive.after(1).said).toEqual([`send ${theirs} NOTIFICATION 6/7`, `close ${theirs} flush`]);
    expect(drive.session.state).toBe('established');
  });

  test('its OPEN comes, and the identifiers too are for the Established one', () => {
    const drive = waiting(smallerPeer).hears(theirs);
    expect(drive.said).toEqual([`send ${theirs} NOTIFICATION 6/7`, `close ${theirs} flush`]);
    expect(drive.keepalive(theirs).session.connection).toBe(ours);
  });

  test('its OPEN comes, and the peer says nothing more: Established wins', () => {
    const drive = waiting().hears(theirs);
    expect(drive.said).toEqual([]);
    expect(drive.after(1_000).said).toEqual([`send ${theirs} NOTIFICATION 6/7`, `close ${theirs} flush`]);
    expect(drive.session.connection).toBe(ours);
  });

  test('its OPEN comes, and the peer ends the Established one for it', () => {
    const drive = waiting().hears(theirs).notified(ours, 6, 7);
    expect(drive.said).toEqual([
      `close ${ours} flush`,
      'down notification-received keep 0',
      `codec ${theirs}`,
      `send ${theirs} KEEPALIVE`,
      'established > open-confirm',
    ]);
    expect(drive.keepalive(theirs).said).toContain(`established ${theirs}`);
  });

  test('its OPEN comes, and the peer goes on with it before it ends the other', () => {
    const drive = waiting().hears(theirs).keepalive(theirs);
    expect(drive.session.connections).toEqual([theirs]);
    expect(drive.session.connection).toBe(theirs);
    expect(drive.session.snapshot().establishedCount).toBe(2);
  });

  test('the peer ends the Established one before the OPEN comes', () => {
    const drive = waiting().notified(ours, 6, 7);
    expect(drive.session.state).toBe('open-sent');
    expect(drive.hears(theirs).keepalive(theirs).session.connection).toBe(theirs);
  });

  test('an attempt to connect still pending is given up at once', () => {
    const drive = new Drive().start().incoming(theirs).hears(theirs).keepalive(theirs);
    expect(drive.said).toContain(`close ${ours} abort`);
    expect(drive.outgoing(ours).said).toEqual([`close ${ours} abort`]);
    expect(drive.session.connections).toEqual([theirs]);
  });
});

describe('a new connection comes while Established', () => {
  test('it is tracked until its OPEN, then refused', () => {
    const drive = new Drive().establish().after(20_000).incoming(theirs);
    expect(drive.said).toEqual([]);
    expect(drive.hears(theirs).said).toEqual([`send ${theirs} NOTIFICATION 6/7`, `close ${theirs} flush`]);
    expect(drive.session.connection).toBe(ours);
  });

  test('without an OPEN it is refused after a second', () => {
    const drive = new Drive().establish().incoming(theirs).after(1_000);
    expect(drive.said).toEqual([`send ${theirs} NOTIFICATION 6/7`, `close ${theirs} flush`]);
  });

  test('it takes the place of the old one when that has failed', () => {
    const drive = new Drive().establish().incoming(theirs).fails(ours);
    expect(drive.said).toEqual([
      'down connection-lost keep 0',
      `send ${theirs} OPEN`,
      'established > open-sent',
    ]);
    expect(drive.hears(theirs).keepalive(theirs).session.state).toBe('established');
  });

  test('many of them: one at a time', () => {
    const drive = new Drive().establish();
    for (let id = 100; id < 150; id++) drive.incoming(id);
    expect(drive.session.connections).toEqual([ours, 149]);
    expect(drive.said).toContain('close 148 flush');
  });
});

describe('several incoming connections before Established', () => {
  test('a newer one replaces one that has said nothing', () => {
    const drive = new Drive({ passive: true }).start().incoming(70).incoming(71);
    expect(drive.said).toEqual(['send 70 NOTIFICATION 6/7', 'close 70 flush', 'send 71 OPEN']);
    expect(drive.hears(71).keepalive(71).session.connection).toBe(71);
  });

  test('a newer one is refused when the older is in OpenConfirm', () => {
    const drive = new Drive({ passive: true }).start().incoming(70).hears(70).incoming(71);
    expect(drive.said).toEqual(['send 71 NOTIFICATION 6/7', 'close 71 flush']);
    expect(drive.keepalive(70).session.connection).toBe(70);
  });
});

test('with DelayOpen on both connections the OPENs decide all the same', () => {
  const drive = new Drive({ delayOpenSeconds: 5 }, smallerPeer).start().outgoing(ours).incoming(theirs);
  expect(drive.hears(theirs).said).toContain(`send ${theirs} KEEPALIVE`);
  drive.hears(ours);
  expect(drive.said.slice(0, 3)).toEqual([
    `send ${theirs} NOTIFICATION 6/7`,
    `close ${theirs} flush`,
    `send ${ours} OPEN`,
  ]);
});
