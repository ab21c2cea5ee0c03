package train
import ("testing";"context";"os";"fmt";"time";"strconv"
"github.com/neurode/neurode/dataset"
"github.com/neurode/neurode/network")
func env(n string,d float64)float64{ if s:=os.Getenv(n);s!=""{v,_:=strconv.ParseFloat(s,64);return v};return d}
func TestTry(t *testing.T){
 if os.Getenv("TRY")=="" {t.Skip()}
 data,err:=dataset.Open(context.Background(),dataset.Options{Source:"mnist",Env:os.Getenv("NEURODE_DATA")}); if err!=nil{t.Fatal(err)}
 p:=network.Model1()
 if env("model",1)==2 {p=network.Model2()}
 if env("model",1)==3 {p=network.Plan{Sizes:[]int{784,int(env("hid",800)),10},FanIn:[]int{32,150},Patch:9}}
 if env("model",1)==4 {p=network.Plan{Sizes:[]int{784,1600,300,10},FanIn:[]int{32,64,150},Patch:9}}
 w,err:=p.Wire(uint64(env("seed",1))); if err!=nil{t.Fatal(err)}
 n:=network.NewWuxing(w); n.Gain=env("gain",1); n.Synapse.Least=env("least",0); n.Synapse.Most=env("most",0)
 if env("model",1)>=3 {n.Draw(env("draw",2),1)}
 c:=BSP{Rate:env("rate",.01),Beta:env("beta",0),Kt:env("kt",0),Back:network.Backward(env("back",1)),Change:Change(env("change",1)),Epochs:int(env("ep",2)),Seed:1,HoldOut:5000,Schedule:Schedule(env("sched",2)),Warmup:.02,Integrals:env("int",0)>0,Decay:env("wd",0),Workers:int(env("workers",1)),Batch:int(env("batch",128))}
 if env("rest",0)>0 {c.Forward=network.Settling{Rest:true,Steps:int(env("steps",8))}} else {c.Forward=network.Settling{Steps:int(env("steps",8))}}
 if env("dist",0)>0 {c.Distortion=dataset.UsualDistortion()}
 t0:=time.Now()
 c.OnEpoch=func(e Epoch){fmt.Println(e,time.Since(t0))}
 if env("n",0)>0 {data.Train=data.Train.Tail(int(env("n",0)))}
 if err:=c.Train(context.Background(),n,data.Train);err!=nil{t.Fatal(err)}
 for _,h:=range []network.Settling{{Steps:8},{Steps:16},{Steps:24},{Steps:64},{Steps:200},{Rest:true,Steps:24}} {
  k,err:=n.Classify(context.Background(),data.Train.Tail(5000).Images,h,1)
  if err!=nil {fmt.Println(h,err);continue}
  fmt.Println(h,data.Train.Tail(5000).Score(k).Images)
 }
}
