"""Script time of a frame while panning and zooming, and the canvas counters. Start `npx vite --port 5182` in web/ first; then run this with the project's Python."""

import json,statistics
from playwright.sync_api import sync_playwright
JS="""async ([kind,zoom])=>{
 const v=darkroom.view,e=dev.editor; const host=document.querySelector('#host');
 if(zoom==='fit') v.fit(undefined,false); else { const b=v.model.bounds; v.flyTo({x:b.x+200,y:b.y+100,zoom}); }
 await new Promise(r=>setTimeout(r,900));
 const c0=darkroom.counters; const t0=v.counters.times.length;
 const all=[]; let last=0;
 const x0=700,y0=450;
 const raf=()=>new Promise(r=>requestAnimationFrame(r));
 const orig=v.counters.times.slice();
 const before=darkroom.counters.frames;
 for(let i=0;i<60;i++){
   if(kind==='pan') host.dispatchEvent(new WheelEvent('wheel',{deltaX:18.5,deltaY:6.5,clientX:x0,clientY:y0,bubbles:true,cancelable:true}));
   else host.dispatchEvent(new WheelEvent('wheel',{deltaY:i<30?6:-6,ctrlKey:true,clientX:x0,clientY:y0,bubbles:true,cancelable:true}));
   await raf();
 }
 await raf();
 const c1=darkroom.counters; const n=c1.frames-before;
 return {frames:n,repaints:c1.repaints-c0.repaints,mounts:c1.mounts-c0.mounts,mounted:c1.mounted,dom:c1.domElements,times:v.counters.times.slice(-n),zoom:e.camera.zoom};
}"""
with sync_playwright() as p:
    b=p.chromium.launch(executable_path="/usr/bin/chromium",args=["--no-sandbox","--disable-gpu","--disable-background-networking"])
    for n in (245,1000,2000):
        pg=b.new_page(viewport={"width":1440,"height":900})
        pg.goto(f"http://127.0.0.1:5182/dev/canvas.html?nodes={n}")
        pg.wait_for_function("window.dev",timeout=60000); pg.wait_for_timeout(1000)
        f=pg.evaluate("darkroom.counters.frames"); pg.wait_for_timeout(1000); g=pg.evaluate("darkroom.counters.frames")
        print(n,"loaded ms",round(pg.evaluate("dev.loaded")),"idle frames in 1 s:",g-f)
        for zoom in (1,0.6,'fit'):
            for kind in ('pan','zoom'):
                r=pg.evaluate(JS,[kind,zoom]); t=r.pop('times')
                print(n,kind,zoom,"median %.2f p95 %.2f max %.2f ms"%(statistics.median(t),sorted(t)[int(len(t)*.95)],max(t)),r)
        pg.close()
    b.close()
