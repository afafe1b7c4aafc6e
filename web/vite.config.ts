/** Builds the page into web/dist, flat and self-contained; scripts/setup/page.ts calls it. */
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // A proxy may show it below any path: its files are named from where it stands.
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    assetsDir: '',
    emptyOutDir: true,
    // Nothing inline: the content security policy allows none.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'docs.html'].map(name => `${import.meta.dirname}/${name}`),
    },
  },
})
