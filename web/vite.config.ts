/** Builds the page into web/dist, flat and self-contained; scripts/setup/page.ts calls it. */
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // A proxy may serve it below any path, so its files have relative names.
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    assetsDir: '',
    emptyOutDir: true,
    // Nothing is inlined, because the content security policy forbids that.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'docs.html'].map(name => `${import.meta.dirname}/${name}`),
    },
  },
})
