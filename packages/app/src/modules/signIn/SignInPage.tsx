import { SignInPage } from '@backstage/core-components';
import { SignInPageBlueprint } from '@backstage/plugin-app-react';
import { oidcAuthApiRef } from './oidcAuthApi';

const provider = {
  id: 'oidc',
  title: 'Company account',
  message: 'Sign in with your company account',
  apiRef: oidcAuthApiRef,
};

/** Takes the place of the portal's default sign-in page. */
export const signInPage = SignInPageBlueprint.make({
  params: {
    loader: async () => props => <SignInPage {...props} provider={provider} />,
  },
});
