import {
  Link,
  sidebarConfig,
  useSidebarOpenState,
} from '@backstage/core-components';
import { makeStyles } from '@material-ui/core/styles';

const useStyles = makeStyles({
  root: {
    width: sidebarConfig.drawerWidthClosed,
    height: 3 * sidebarConfig.logoHeight,
    display: 'flex',
    alignItems: 'center',
    marginBottom: -14,
  },
  link: {
    marginLeft: 22,
    color: '#7fd4ff',
    font: '700 22px/1 system-ui, sans-serif',
    whiteSpace: 'nowrap',
    // The theme underlines a link that is pointed at; a name of the place is no such link.
    '&:hover': { textDecoration: 'none' },
  },
});

/** The portal's name: in full beside an open sidebar, one letter beside a closed one. */
export function SidebarLogo() {
  const classes = useStyles();
  const { isOpen } = useSidebarOpenState();
  return (
    <div className={classes.root}>
      <Link to="/" className={classes.link} aria-label="Home">
        {isOpen ? 'MCP Cloud' : 'M'}
      </Link>
    </div>
  );
}
