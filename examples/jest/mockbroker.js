// A mock Kafka cluster beside the tests.
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { createInterface } = require('node:readline')

// start(['--topic', 'orders:3']): what the program says when it is ready, with `reset` to begin anew and `stop`.
async function start(args) {
  const all = ['--port', '0', '--control-port', '0', ...args]
  // It ends with its standard input, and so with the tests, however they end.
  const program = spawn(process.env.MOCKBROKER ?? 'mockbroker', [...all, '--exit-with-stdin'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: program.stdout })
  const [line] = await once(lines, 'line')
  const ready = JSON.parse(line)
  return {
    ...ready,
    reset: () => fetch(`${ready.control}/reset`, { method: 'POST' }),
    records: async (topic, partition) => (await fetch(`${ready.control}/topics/${topic}/partitions/${partition}/records`)).json(),
    stop: async () => {
      program.stdin.end()
      await once(program, 'exit')
    },
  }
}

module.exports = { start }
