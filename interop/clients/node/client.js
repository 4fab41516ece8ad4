// Sends records with kafkajs and prints each as a line of JSON, as print_topic.py of the Python clients prints what it reads; the topic is made and
// measured by the client's admin. kafkajs reads in groups alone.
//
//   client.js BOOTSTRAP TOPIC [--ca FILE] [--certificate DIR] [--mechanism M] [--secret S] [--compression gzip]
const { readFileSync } = require('fs')
const { parseArgs } = require('util')
const { CompressionTypes, Kafka, logLevel } = require('kafkajs')
const { createMechanism } = require('@jm18457/kafkajs-msk-iam-authentication-mechanism')
const { generateAuthToken } = require('aws-msk-iam-sasl-signer-js')

const { values: asked, positionals: [bootstrap, topic] } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(['ca', 'certificate', 'mechanism', 'secret', 'compression'].map(name => [name, { type: 'string' }])),
})
const PARTITIONS = 3

function sasl() {
  const region = process.env.AWS_REGION
  switch (asked.mechanism) {
    case undefined:
      return undefined
    case 'AWS_MSK_IAM':
      return createMechanism({ region })
    case 'OAUTHBEARER':
      return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: (await generateAuthToken({ region })).token }) }
    default:
      return { mechanism: asked.mechanism.toLowerCase(), username: process.env.USER_NAME, password: asked.secret ?? process.env.USER_SECRET }
  }
}

function tls() {
  const pair = asked.certificate && {
    cert: readFileSync(`${asked.certificate}/client.pem`),
    key: readFileSync(`${asked.certificate}/client-key.pem`),
  }
  return asked.ca ? { ca: [readFileSync(asked.ca)], ...pair } : false
}

// Keys, nulls, empty and large values, every byte, and headers; no two are the same.
function records() {
  const values = [Buffer.from(Array(256).fill(0).map((_, byte) => byte)), Buffer.alloc(0), null, Buffer.alloc(10_000, 'x'), Buffer.from('ünïcode')]
  return Array.from({ length: 300 }, (_, n) => ({ key: `key-${n}`, value: values[n % values.length], headers: { n: String(n), empty: '' } }))
}

const base64 = bytes => (bytes === null ? null : Buffer.from(bytes).toString('base64'))
const line = ({ key, value, headers }) =>
  JSON.stringify([base64(key), base64(value), Object.entries(headers).map(([name, text]) => [name, base64(text)])])

async function run() {
  const kafka = new Kafka({
    clientId: 'interop', brokers: bootstrap.split(','), ssl: tls(), sasl: sasl(), retry: { retries: 5 }, logLevel: logLevel.WARN,
  })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 2 }] })
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const sent = records()
  const compression = asked.compression ? CompressionTypes[asked.compression.toUpperCase()] : CompressionTypes.None
  await producer.send({ topic, acks: -1, compression, messages: sent })
  await producer.disconnect()
  const offsets = await admin.fetchTopicOffsets(topic)
  const count = offsets.reduce((sum, { high }) => sum + Number(high), 0)
  if (offsets.length !== PARTITIONS || count !== sent.length) {
    throw new Error(`${count} records of ${sent.length} are in ${offsets.length} partitions`)
  }
  await admin.disconnect()
  sent.forEach(record => console.log(line(record)))
}

run().catch(error => {
  console.error(error)
  process.exit(1)
})
