import { createApp } from '@backstage/frontend-defaults';
import catalogPlugin from '@backstage/plugin-catalog/alpha';
import { navModule } from './modules/nav';
import { signInModule } from './modules/signIn';

// Every other plugin is found by `app.packages: all`, from the dependencies in package.json.
export default createApp({
  features: [catalogPlugin, navModule, signInModule],
});
