import { defineConfig } from 'vite'

/** Of the server that the development page speaks to. Nothing of the built page depends on it. */
const server = 'http://127.0.0.1:41101'

export default defineConfig({
  root: import.meta.dirname,
  // Addresses relative to the files themselves, since a proxy may show the server below a path.
  base: './',
  resolve: { conditions: ['@semblance/source', 'module', 'browser', 'development|production'] },
  build: {
    // `light-dark()` of the colours; every browser has had it since May 2024.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // A picture within a style would be a `data:` address, of which the fewer are allowed the better.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': server, '/openapi.json': server, '/docs': server } },
})
