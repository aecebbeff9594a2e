import { Curves } from './Curves';
import { DataPanel } from './DataPanel';
import { EncoderPanel } from './EncoderPanel';
import { ExportPanel } from './ExportPanel';
import { MachinePanel } from './MachinePanel';
import { MapPanel } from './MapPanel';
import { MethodPanel } from './MethodPanel';
import { NeighbourPanel } from './NeighbourPanel';
import { Notices } from './Notices';
import { RunBar } from './RunBar';
import { ViewsPanel } from './ViewsPanel';

export function Page() {
  return (
    <>
      <header class="top">
        <h1>Unlabel playground</h1>
        <p>An encoder learns to see, without labels, in this browser. Your images never leave this machine.</p>
      </header>
      <main>
        <div class="stage">
          <RunBar />
          <Notices />
          <MapPanel />
          <NeighbourPanel />
          <Curves />
          <ViewsPanel />
        </div>
        <div class="choices">
          <DataPanel />
          <MethodPanel />
          <EncoderPanel />
          <ExportPanel />
          <MachinePanel />
        </div>
      </main>
    </>
  );
}
