// Messages cut, joined and abandoned at odd places, and strangers at the door (RFC 4271 §3, RFC 4486 §4).

import { connect } from 'node:net';
import { type Case, each } from '../../engine/case.ts';
import { announcement } from '../../engine/routes.ts';
import { ascii, type Bytes, concat } from '../../wire/bytes.ts';
import * as m from '../../wire/messages.ts';

const STRANGERS = 500;

export const framingCases: readonly Case[] = [
  {
    id: 'Z-FRM-01',
    level: 'ROBUST',
    title: 'a valid UPDATE, one octet per segment',
    expected: 'processed',
    run: async (t) => {
      const [e1, e2] = await t.peers('e1', 'e2');
      const px = t.prefix();
      for (const octet of announcement(e1.sender, [px])) {
        e1.send(Uint8Array.of(octet));
        await t.pause(2);
      }
      await e2.sees(px);
    },
  },
  {
    id: 'Z-FRM-02',
    level: 'ROBUST',
    title: 'two UPDATEs and a KEEPALIVE in one segment',
    expected: 'all processed',
    run: async (t) => {
      const [e1, e2] = await t.peers('e1', 'e2');
      const [px, py] = [t.prefix(), t.prefix()];
      const updates = [px, py].map((one) => announcement(e1.sender, [one]));
      e1.send(concat(...updates, m.keepalive()));
      await e2.sees(px);
      await e2.sees(py);
      await t.settle(e1, [e2]);
    },
  },
  {
    id: 'Z-FRM-04',
    level: 'ROBUST',
    title: 'FIN in the middle of a message',
    expected: 'the routes of the peer withdrawn, the target alive',
    run: async (t) => {
      const [e1, e2] = await t.peers('e1', 'e2');
      const px = t.prefix();
      await t.seed(px, e1, [e2]);
      e1.stopKeepalives();
      e1.send(announcement(e1.sender, [t.prefix()]).subarray(0, 30));
      e1.connection.finish();
      await e2.loses(px);
    },
  },
  {
    id: 'Z-FRM-05',
    level: 'ROBUST',
    title: 'RST right after OPEN',
    expected: 'no crash; the neighbour can come back',
    run: async (t) => {
      const e1 = await t.connect('e1');
      e1.sendOpen(t.openOf(e1.facts));
      await t.pause(20);
      e1.connection.reset();
      await t.mustEstablish('e1');
    },
  },
  {
    id: 'Z-FRM-06',
    level: 'ROBUST',
    title: 'what is no BGP at all',
    expected: 'the connection closed, other sessions untouched',
    variants: each({ random: 65_536, http: 0 }, async (t, count) => {
      const [e2, c1] = await t.peers('e2', 'c1');
      const e1 = await t.connect('e1');
      const noise: Bytes =
        count === 0
          ? ascii('GET / HTTP/1.1\r\nHost: target\r\n\r\n')
          : Uint8Array.from({ length: count }, () => t.random());
      e1.send(noise);
      t.check(await e1.ended(), 'the connection closed', e1.state());
      await t.settle(e2, [c1]);
    }),
  },
  {
    id: 'Z-FRM-07',
    level: 'ROBUST',
    title: 'connect and send nothing for 10 s',
    expected: 'no busy loop: at most one message from the target',
    run: async (t) => {
      const e1 = await t.connect('e1');
      await t.pause(10_000);
      t.check(e1.received.length <= 2, 'an OPEN at most', `${e1.received.length} messages`);
      t.observe(`${e1.received.length} messages; ${e1.state()}`);
    },
  },
  {
    id: 'Z-FRM-08',
    level: 'ROBUST',
    isolated: true,
    title: `${STRANGERS} idle connections from addresses that are no neighbours`,
    expected: 'refused or closed; a configured neighbour still gets its session',
    run: async (t) => {
      const { address: host, port } = t.instance;
      const sockets = Array.from({ length: STRANGERS }, (_, i) =>
        connect({ host, port, localAddress: `127.77.${i >> 8}.${1 + (i % 250)}` }).on(
          'error',
          () => undefined,
        ),
      );
      try {
        await t.mustEstablish('e1');
      } finally {
        for (const socket of sockets) socket.destroy();
      }
    },
  },
  {
    id: 'RFC4486-4-01',
    level: 'SHOULD',
    title: 'connect from an address that is no neighbour',
    expected: 'NOTIFICATION 6/5, or a plain close',
    run: async (t) => {
      // On a busy machine its reset is here before we have seen the connection open.
      const stranger = await t.connect('e1', { address: '127.77.9.9', refusable: true });
      stranger.sendOpen(t.openOf(stranger.facts));
      t.check(await stranger.ended(), 'the connection closed', stranger.state());
      const got = stranger.notification;
      const good = got === undefined || (got.code === 6 && got.subcode === 5);
      t.check(good, 'NOTIFICATION 6/5 or none', stranger.state());
      t.observe(stranger.state());
    },
  },
];
