/** The default theme, with fonts of the reader's machine. */
import theme from 'vitepress/theme-without-fonts'
import './wide.css'

export default theme
