import type { Story } from './story.ts'

/** A fixture for tests: a short violated trace with every part that a trace can have. */
export const sampleStory: Story = {
  title: 'two-party, defect D4: an ACK that covers nothing completes a migration',
  hosts: ['client', 'server'],
  initial: [
    { name: 'client.connection', value: 'CONNECTED' },
    { name: 'client.migration', value: 'INITIAL' },
    { name: 'client.sndNxt', value: 2 },
    { name: 'server.connection', value: 'CONNECTED' },
    { name: 'server.migration', value: 'INITIAL' },
    { name: 'server.peer', value: 'address 1' },
  ],
  steps: [
    {
      index: 1,
      rule: 'migrate(client, 2)',
      host: 'client',
      event: 'MIGRATE',
      packet: { kind: 'RSYN', from: 'client', to: 'server', fields: { verno: 2, ackno: 5 } },
      changes: [
        { name: 'client.migration', before: 'INITIAL', after: 'RSYN_SENT' },
        { name: 'client.sndNxt', before: 2, after: 3 },
      ],
      fired: ['migration.INITIAL MIGRATE 0'],
    },
    {
      index: 2,
      rule: 'deliver(0)',
      host: 'server',
      event: 'RSYN',
      packet: { kind: 'RSYNACK', from: 'server', to: 'client', fields: { verno: 5, ackno: 3 }, lost: true },
      changes: [
        { name: 'server.migration', before: 'INITIAL', after: 'RSYN_RECV' },
        { name: 'server.rcvNxt', before: 2, after: 3 },
        { name: 'server.timer', before: 'off', after: 'armed' },
      ],
      fired: ['migration.INITIAL RSYN 0'],
      note: 'the answer is lost on its way',
    },
    { index: 3, rule: 'lose(0)', host: '', event: '', changes: [], fired: [] },
    {
      index: 4,
      rule: 'inject(ACK)',
      host: 'server',
      event: 'ACK',
      packet: { kind: 'ACK', from: 'attacker', to: 'server', fields: { ackno: 1 } },
      changes: [
        { name: 'server.migration', before: 'RSYN_RECV', after: 'INITIAL' },
        { name: 'server.peer', before: 'address 1', after: 'address 2' },
      ],
      fired: ['migration.RSYN_RECV ACK 0'],
    },
  ],
  verdict: {
    outcome: 'violated',
    property: '17 exact-completion',
    sentence: 'A completion acknowledges that version, not any ACK.',
    step: 4,
  },
}
