// npm ci && MOCKBROKER=path/to/mockbroker npm test
const { Kafka, logLevel } = require('kafkajs')
const { start } = require('./mockbroker')

let cluster

beforeAll(async () => {
  cluster = await start(['--topic', 'orders:3'])
})
beforeEach(() => cluster.reset())
afterAll(() => cluster.stop())

test('an order is sent with its key', async () => {
  const kafka = new Kafka({ brokers: cluster.bootstrap.split(','), logLevel: logLevel.NOTHING })
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ key: 'user123', value: 'one cup', partition: 1 }] })
  await producer.disconnect()

  expect(await cluster.records('orders', 1)).toMatchObject([{ offset: 0, key: 'user123', value: 'one cup' }])
})

test('each test begins with empty topics', async () => {
  expect(await cluster.records('orders', 1)).toEqual([])
})
