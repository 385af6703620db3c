import { Route, Routes } from 'react-router-dom';
import { DashboardPage } from './dashboard/DashboardPage';
import { DeployPage } from './deploy/DeployPage';
import { EditPage } from './deploy/EditPage';
import { ServerPage } from './entity/ServerPage';

/** The pages below `/mcp-cloud`. The framework draws header and breadcrumbs around them. */
export function McpCloudPages() {
  return (
    <Routes>
      <Route index element={<DashboardPage />} />
      <Route path="deploy" element={<DeployPage />} />
      <Route path="servers/:name" element={<ServerPage />} />
      <Route path="servers/:name/edit" element={<EditPage />} />
    </Routes>
  );
}
