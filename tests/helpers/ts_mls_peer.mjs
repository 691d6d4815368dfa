// A ts-mls member behind lines of JSON: one request a line in, one answer a line out.
// Run where `ts-mls` is installed: node ts_mls_peer.mjs NAME
import { createInterface } from "node:readline"
import { createRequire } from "node:module"
import { pathToFileURL } from "node:url"

const found = createRequire(process.cwd() + "/").resolve.paths("ts-mls")[0] + "/ts-mls/dist/src/index.js"
const mls = await import(pathToFileURL(found).href)

const suite = await mls.getCiphersuiteImpl(
  mls.getCiphersuiteFromName("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519"),
)
const credential = { credentialType: "basic", identity: new TextEncoder().encode(process.argv[2]) }
const own = await mls.generateKeyPackage(
  credential, mls.defaultCapabilities(), mls.defaultLifetime, [], suite,
)
let state, pending

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"))
const hex = (data) => Buffer.from(data).toString("hex")
const read = (text) => mls.decodeMlsMessage(bytes(text), 0)[0]
const write = (fields) => hex(mls.encodeMlsMessage({ version: "mls10", ...fields }))

async function commit(extraProposals) {
  const made = await mls.createCommit({ state, cipherSuite: suite }, {
    extraProposals, ratchetTreeExtension: true,
  })
  pending = made.newState
  const message = hex(mls.encodeMlsMessage(made.commit))
  if (made.welcome === undefined) return { message }
  return { message, welcome: write({ wireformat: "mls_welcome", welcome: made.welcome }) }
}

const calls = {
  async key_package() {
    return write({ wireformat: "mls_key_package", keyPackage: own.publicPackage })
  },
  async create() {
    state = await mls.createGroup(
      new TextEncoder().encode("mixed"), own.publicPackage, own.privatePackage, [], suite,
    )
  },
  async join({ welcome }) {
    state = await mls.joinGroup(
      read(welcome).welcome, own.publicPackage, own.privatePackage, mls.emptyPskIndex, suite,
    )
  },
  async add({ package: data }) {
    const keyPackage = read(data).keyPackage
    return await commit([{ proposalType: "add", add: { keyPackage } }])
  },
  async update() {
    return await commit([])
  },
  async remove({ leaf }) {
    return await commit([{ proposalType: "remove", remove: { removed: leaf } }])
  },
  async confirm() {
    state = pending
  },
  async process({ message }) {
    const got = await mls.processMessage(
      read(message), state, mls.emptyPskIndex, mls.acceptAll, suite,
    )
    state = got.newState
    return got.kind === "applicationMessage" ? hex(got.message) : ""
  },
  async send({ data }) {
    const made = await mls.createApplicationMessage(state, bytes(data), suite)
    state = made.newState
    return write({ wireformat: "mls_private_message", privateMessage: made.privateMessage })
  },
  async exported() {
    const secret = state.keySchedule.exporterSecret
    return hex(await mls.mlsExporter(
      secret, "interop", new TextEncoder().encode("context"), 32, suite,
    ))
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { call, ...rest } = JSON.parse(line)
  try {
    console.log(JSON.stringify({ result: (await calls[call](rest)) ?? null }))
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }))
  }
}
