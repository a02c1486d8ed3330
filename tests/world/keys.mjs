// npm jose makes keys: of each the JWK to publish, the private one, and both as PEM.

import { exportJWK, exportPKCS8, exportSPKI, generateKeyPair } from 'jose'
import { done, task } from './task.mjs'

const keys = []
for (const { alg, ...said } of task.keys) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  keys.push({
    public: { ...(await exportJWK(publicKey)), alg, ...said },
    private: { ...(await exportJWK(privateKey)), alg, ...said },
    spki: await exportSPKI(publicKey),
    pkcs8: await exportPKCS8(privateKey),
  })
}
done({ keys, jwks: JSON.stringify({ keys: keys.map((key) => key.public) }) })
