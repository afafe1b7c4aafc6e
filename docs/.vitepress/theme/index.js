/** The default theme with the fonts of the reader's own machine. */
import theme from 'vitepress/theme-without-fonts'
import './wide.css'

export default theme
